package grantlab.conformance;

import java.util.Optional;

/**
 * What {@link DisturbedByDevices} says.
 *
 * @param reason in a few words
 * @param where the id of a capability of the IOMMU; empty: beside any
 */
public record Disturbance(String reason, String where) {
    /**
     * Why a clause does not run in a combination.
     *
     * @param combination any
     * @return nothing when it runs
     */
    Optional<String> in(Combination combination) {
        Choice iommu = combination.member(Member.IOMMU);
        boolean disturbs = iommu != null && (where.isEmpty() || iommu.declares(where));
        return disturbs ? Optional.of(reason) : Optional.empty();
    }
}
