package grantlab.cli;

/** What the command says to its caller. */
final class ExitStatus {
    /** All as expected. */
    static final int OKAY = 0;

    /** Something differs. */
    static final int DIFFERS = 1;

    /** The call itself was wrong. */
    static final int MISUSE = 2;

    /** A fault of ours. */
    static final int FAULT = 3;

    private ExitStatus() {}
}
