package grantlab.conformance.call;

/**
 * One field of a struct of grants v3.
 *
 * @param name as the specification has it: {@code index_limit}; a reserved range is {@code zero_} and its offset
 * @param offset in the struct
 * @param bytes how many: 1, 2, 4 or 8, of a reserved range any number
 * @param direction who fills it
 */
public record V3Field(String name, int offset, int bytes, Direction direction) {
    /** Who fills a field. */
    public enum Direction {
        /** The guest. */
        IN,
        /** The hypervisor. */
        OUT,
        /** The guest, then the hypervisor. */
        IN_OUT,
        /** Nobody: it is zero. */
        ZERO;

        /**
         * Whether the hypervisor answers in it.
         *
         * @return true for OUT and IN_OUT
         */
        public boolean answers() {
            return this == OUT || this == IN_OUT;
        }

        /**
         * Whether the guest says something in it.
         *
         * @return true for IN and IN_OUT
         */
        public boolean asks() {
            return this == IN || this == IN_OUT;
        }
    }

    static V3Field in(String name, int offset, int bytes) {
        return new V3Field(name, offset, bytes, Direction.IN);
    }

    static V3Field out(String name, int offset, int bytes) {
        return new V3Field(name, offset, bytes, Direction.OUT);
    }

    static V3Field inOut(String name, int offset, int bytes) {
        return new V3Field(name, offset, bytes, Direction.IN_OUT);
    }

    static V3Field zero(int offset, int bytes) {
        return new V3Field("zero_" + offset, offset, bytes, Direction.ZERO);
    }
}
