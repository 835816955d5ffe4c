package grantlab.conformance.fault;

import grantlab.conformance.Member;
import grantlab.conformance.Selection;
import grantlab.hypervisor.Installed;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A wrong implementation: the real one, but for one mistake that an implementer may well make.
 *
 * @param name of it, in lower case
 * @param where what is wrong, as the table of docs/faults.md groups it
 * @param mistake in one sentence
 * @param selection the smallest in which it shows
 * @param family prefix of the clauses that must see it
 * @param made puts the wrong one in the place of the real one
 */
record Fault(
        String name, String where, String mistake, Selection selection, String family, UnaryOperator<Installed> made) {
    /** What is decorated, and where it shows. */
    record Place(String where, Selection selection) {
        static Place of(String where, String format, String paging) {
            return new Place(where, new Selection(List.of(format), List.of(paging)));
        }

        Place iommu(String kind) {
            return new Place(
                    where,
                    new Selection(selection.formats(), selection.pagings(), Map.of(Member.IOMMU, List.of(kind))));
        }
    }

    static Fault in(Place place, String family, String name, String mistake, UnaryOperator<Installed> made) {
        return new Fault(name, place.where(), mistake, place.selection(), family, made);
    }

    /** All of them. */
    static List<Fault> all() {
        return List.of(
                        FlatFaults.all(),
                        VersionTwoFaults.all(),
                        GuestFaults.all(),
                        TreeFaults.all(),
                        PagingFaults.all(),
                        MemoryFaults.all(),
                        IommuFaults.all())
                .stream()
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public String toString() {
        return name;
    }
}
