package grantlab.conformance.clause;

import grantlab.conformance.Expect;

/** What the pages of a stress hold: each word says in its highest byte who may see it. */
final class Words {
    /** For whoever has the page mapped. */
    static final long PUBLIC = 0x11L << 56;

    /** The granter's alone: nobody else may find it anywhere. */
    static final long SECRET = 0x5eL << 56;

    /** Written by the grantee, or by one of his devices. */
    static final long THEIRS = 0x77L << 56;

    private static final long KIND = 0xffL << 56;

    private Words() {}

    /** Somebody who is not the granter found a word. */
    static void expectNotSecret(String who, long word) {
        Expect.different("what " + who + " finds is of a kind that is the granter's alone", SECRET, word & KIND);
    }
}
