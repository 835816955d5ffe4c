package grantlab.benchmark;

import grantlab.hypervisor.guest.Guest;
import java.util.List;

/**
 * What a mixed run has done before: map, unmap and copy between all pairs of paging modes. Without it the compiler knows
 * one paging mode only and figures come out better than in any run of the matrix.
 */
final class Rehearsal {
    private static final int PAIRS = 1 << 14;
    private static final int LENGTH = 64;
    private static final int LEAVES = 64;
    private static final List<String> MODES = List.of("pv", "hvm");

    private Rehearsal() {}

    static void allPagings() {
        for (String granter : MODES) {
            for (String grantee : MODES) {
                between(granter, grantee);
            }
        }
    }

    /** The same for trees, after {@link #allPagings}: all shapes, and single pages between all pairs. */
    static void allShapes() {
        allPagings();
        for (String granter : MODES) {
            for (String grantee : MODES) {
                rehearse(LeafShape.PAGES, granter, grantee);
            }
        }
        for (LeafShape shape : LeafShape.values()) {
            rehearse(shape, "hvm", "hvm");
        }
    }

    private static void rehearse(LeafShape shape, String granterPaging, String granteePaging) {
        for (int batch : new int[] {1, Mapper.REFERENCES}) {
            try (Laboratory laboratory = new Laboratory(Laboratory.TREE, granterPaging, granteePaging)) {
                LeafMapper mapper = shape.mapper(laboratory, laboratory.grantee(0, 1), batch);
                for (int done = 0; done < PAIRS; done += LEAVES) {
                    mapper.run();
                }
            }
        }
    }

    private static void between(String granterPaging, String granteePaging) {
        try (Laboratory laboratory = new Laboratory(Laboratory.V1, granterPaging, granteePaging)) {
            Guest grantee = laboratory.grantee(0, 1);
            laboratory.grant(Laboratory.FIRST_REFERENCE, Mapper.REFERENCES, 0, Mapper.REFERENCES, grantee);
            for (int batch : new int[] {1, Mapper.REFERENCES}) {
                new Mapper(laboratory, grantee, grantee.vcpu(), Laboratory.FIRST_REFERENCE, 64, 64, batch).run(PAIRS);
                new Copier(laboratory, grantee, Laboratory.FIRST_REFERENCE, LENGTH, batch).run(PAIRS);
            }
        }
    }
}
