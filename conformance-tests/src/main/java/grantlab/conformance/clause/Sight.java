package grantlab.conformance.clause;

import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;

/** What a guest reaches at an address. Without a page there a PV guest faults, and a translated one reads ones. */
final class Sight {
    private static final int PAGE_FAULT = 14;
    private static final int WRITE_TO_READONLY = 3;
    private static final long ONES = -1;
    private static final long UNWANTED = 0x0bad_0bad_0bad_0badL;

    private Sight() {}

    /** The guest's load finds a value. */
    static void value(Party party, long address, long expected) {
        Expect.equal("what " + party + " loads", expected, party.load(address));
    }

    /** No load and no store at the address reaches a page. */
    static void nothing(Party party, long address) {
        int vector = party.tryLoad(address);
        if (party.translated()) {
            Expect.equal("vector of a fault in a hole of the guest-physical map", 0, vector);
            Expect.equal(
                    "what " + party + " loads from a hole", ONES, party.vcpu().value());
        } else {
            Expect.equal("vector of the fault at an address without a page", PAGE_FAULT, vector);
            Expect.equal("error code of the load", 0, party.vcpu().faultErrorCode());
        }
        int stored = party.tryStore(address, UNWANTED);
        Expect.equal("vector of a store without a page", party.translated() ? 0 : PAGE_FAULT, stored);
    }

    /** A load works and a store does not arrive: it faults (PV) or vanishes. */
    static void readOnly(Party party, long address, long expected) {
        value(party, address, expected);
        int vector = party.tryStore(address, UNWANTED);
        if (party.translated()) {
            Expect.equal("vector of a store that should vanish", 0, vector);
        } else {
            Expect.equal("vector of a store through a read-only mapping", PAGE_FAULT, vector);
            Expect.equal(
                    "error code of the store", WRITE_TO_READONLY, party.vcpu().faultErrorCode());
        }
        value(party, address, expected);
    }

    /** The guest fills a page: each word differs from the others, and from those of another seed. */
    static void fill(Party party, long page, long seed) {
        for (int offset = 0; offset < Page.SIZE; offset += Long.BYTES) {
            party.store(page + offset, word(seed, offset));
        }
    }

    /** The guest finds at a page what {@link #fill} wrote with this seed. */
    static void filled(Party party, long page, long seed) {
        for (int offset = 0; offset < Page.SIZE; offset += Long.BYTES) {
            Expect.equal("word at offset " + offset, word(seed, offset), party.load(page + offset));
        }
    }

    static long word(long seed, int offset) {
        return (seed << 16 | offset) * 0x9e37_79b9_7f4a_7c15L;
    }
}
