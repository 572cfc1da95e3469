# veilor-seed: make run, make test, make dist, make bench, make fuzz, make format. See README.md.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test coverage dist bench fuzz format clean

MVN = JAVA_HOME="$$(tools/java-home)" mvn -B -ntp
# What a fuzz target gets in make test, which runs a third of the classes, each day another; make fuzz runs all.
FUZZ_SECONDS = 2

help:
	@echo "make run     builds if needed and seeds demo/ (or SEED=/some/dir) in the foreground"
	@echo "make test    everything that CI proves (INTEROP=off leaves the real Rust peers out)"
	@echo "make dist    dist/veilor-seed/ and dist/veilor-seed.tar.gz"
	@echo "make bench   comparisons with the real peers, into docs/benchmarks.* (ONLY=name for one; COMPARE=old.json fails on what is worse)"
	@echo "make fuzz    looks for new inputs that break a parser (SECONDS=10 for each, ONLY=pattern for some)"
	@echo "make coverage what the tests without Rust peers reach, in each module's target/site/jacoco"
	@echo "make format  applies the code style"

run: dist/veilor-seed/bin/veilor-seed
	@tools/run-demo "$(or $(SEED),demo)"

# Rebuilt when a source is newer than the launcher.
SOURCES := pom.xml $(shell find seed-*/src/main seed-*/pom.xml tools -type f 2>/dev/null)
dist/veilor-seed/bin/veilor-seed: $(SOURCES)
	@tools/java-home >/dev/null
	$(MVN) -q -Dmaven.test.skip=true -Dcheckstyle.skip -Dspotless.check.skip -Dcyclonedx.skip -pl seed-node -am package
	@tools/make-dist

dist: dist/veilor-seed/bin/veilor-seed
	@tools/train
	@tar czf dist/veilor-seed.tar.gz -C dist veilor-seed

ifeq ($(INTEROP),off)
test:
	@tools/java-home >/dev/null
	@echo "INTEROP=off: the tests against real Rust peers are LEFT OUT. This run proves less than CI does." >&2
	$(MVN) verify -pl '!interop,!seed-bench'
	@FUZZ_TURN=$$(($$(date +%s) / 86400)) tools/fuzz $(FUZZ_SECONDS)
	@echo "INTEROP=off: the tests against real Rust peers were LEFT OUT." >&2
else
test:
	@tools/java-home >/dev/null
	@tools/install-packages
	@peers="$$(interop/build-peers.sh)" || exit 1; \
	$(MVN) verify -Dveilor.peers="$$peers"
	@FUZZ_TURN=$$(($$(date +%s) / 86400)) tools/fuzz $(FUZZ_SECONDS)
endif

bench: dist/veilor-seed/bin/veilor-seed
	@tools/java-home >/dev/null
	@peers="$$(interop/build-peers.sh)" || exit 1; \
	$(MVN) -q -Dmaven.test.skip=true -Dcheckstyle.skip -Dspotless.check.skip -Dcyclonedx.skip -pl seed-bench package && \
	VEILOR_PEERS="$$peers" COMPARE="$(COMPARE)" seed-bench/run $(ONLY)

coverage:
	$(MVN) verify -Djacoco.skip=false -pl '!interop,!seed-bench'

fuzz:
	@tools/fuzz "$(or $(SECONDS),10)" "$(or $(ONLY),.)"

format:
	$(MVN) -q spotless:apply

clean:
	$(MVN) -q clean
	rm -rf dist
