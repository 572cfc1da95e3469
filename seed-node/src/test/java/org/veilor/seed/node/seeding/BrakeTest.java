package org.veilor.seed.node.seeding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrakeTest {
  @ParameterizedTest
  @CsvSource({
    "100,20,0,false",
    "100,21,0,true",
    "100,100,0,true",
    "20000,4000,0,false",
    "20000,4001,0,true",
    "3,3,0,false",
    "10,4,0,false",
    "10,5,0,true",
    "100,60,60,false",
    "100,60,30,true",
    "0,0,0,false",
    "0,0,10,false"
  })
  void tripsAboveAFifthOfTheServiceAndFourFiles(
      long rows, long vanished, long appeared, boolean trips) {
    assertThat(Brake.trips(rows, vanished, appeared)).isEqualTo(trips);
  }
}
