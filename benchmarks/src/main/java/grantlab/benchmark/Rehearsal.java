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

    private Rehearsal() {}

    static void allPagings() {
        List<String> modes = List.of("pv", "hvm");
        for (String granter : modes) {
            for (String grantee : modes) {
                between(granter, grantee);
            }
        }
    }

    private static void between(String granterPaging, String granteePaging) {
        try (Laboratory laboratory = new Laboratory(granterPaging, granteePaging)) {
            Guest grantee = laboratory.grantee(0, 1);
            laboratory.grant(Laboratory.FIRST_REFERENCE, Mapper.REFERENCES, 0, Mapper.REFERENCES, grantee);
            for (int batch : new int[] {1, Mapper.REFERENCES}) {
                new Mapper(laboratory, grantee, grantee.vcpu(), Laboratory.FIRST_REFERENCE, 64, 64, batch).run(PAIRS);
                new Copier(laboratory, grantee, Laboratory.FIRST_REFERENCE, LENGTH, batch).run(PAIRS);
            }
        }
    }
}
