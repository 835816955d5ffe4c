package grantlab.conformance;

import java.util.Optional;

/**
 * What a clause asks of one member of a combination.
 *
 * @param member who
 * @param capability the id
 * @param declared whether the member must declare it, or must not
 */
public record Requirement(Member member, String capability, boolean declared) {
    /**
     * Why a combination is none for the clause.
     *
     * @param combination any
     * @return the reason, or nothing when the requirement is met
     */
    public Optional<String> unmetBy(Combination combination) {
        Choice choice = combination.member(member);
        if (choice == null) {
            return Optional.of("there is no " + member.text());
        }
        if (choice.declares(capability) == declared) {
            return Optional.empty();
        }
        String verb = declared ? " does not declare " : " declares ";
        return Optional.of(member.text() + " " + choice.name() + verb + capability);
    }

    /**
     * As catalogues print it.
     *
     * @return for instance {@code grantee paging: not names-entries}
     */
    public String text() {
        return member.text() + ": " + (declared ? "" : "not ") + capability;
    }
}
