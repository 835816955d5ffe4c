package grantlab.conformance.script;

/**
 * A page or a slot of a domain, as operands name it.
 *
 * @param owner whose
 * @param kind page or slot
 * @param index 0..63
 */
record Symbol(Context owner, Kind kind, int index) {
    /** What a symbol names. */
    enum Kind {
        /** {@code pN}: a page of data. */
        PAGE,
        /** {@code mN}: an address kept free for mappings. */
        SLOT
    }

    boolean isPage() {
        return kind == Kind.PAGE;
    }

    /** Its address in its domain. */
    long address() {
        return isPage() ? owner.pageAddress(index) : owner.slotAddress(index);
    }

    /** The machine frame of a page. A slot has none of its own. */
    long machineFrame() {
        return isPage() ? owner.machineFrame(index) : frame();
    }

    /** Its frame as its domain numbers it; a slot of a PV domain has none. */
    long frame() {
        return isPage() ? owner.guestFrame(index) : owner.slotFrame(index);
    }
}
