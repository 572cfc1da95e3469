package org.veilor.seed.node.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestBudgetTest {
  @Test
  void refusesWhatIsTooMuchAndTakesItWhenThereIsRoomAgain() {
    RequestBudget budget = new RequestBudget();
    int mebibyte = 1 << 20;
    for (int i = 0; i < RequestBudget.TOTAL_BYTES / mebibyte; i++) {
      assertThat(budget.take(mebibyte)).isTrue();
    }
    assertThat(budget.take(1)).isFalse();
    budget.giveBack(mebibyte);
    assertThat(budget.take(mebibyte)).isTrue();
    assertThat(budget.heldBytes()).isEqualTo(RequestBudget.TOTAL_BYTES);
  }
}
