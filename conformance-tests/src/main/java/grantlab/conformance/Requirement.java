package grantlab.conformance;

import java.util.Optional;

/**
 * What a clause asks of one member of a combination.
 *
 * @param member who
 * @param capability the id, or {@link #NOTHING}
 * @param declared whether the member must declare it, or must not
 */
public record Requirement(Member member, String capability, boolean declared) {
    /** No capability: it is enough that somebody stands there. */
    public static final String NOTHING = "";

    /**
     * Somebody, whoever it is.
     *
     * @param member a further place
     * @return the requirement
     */
    public static Requirement somebody(Member member) {
        return new Requirement(member, NOTHING, true);
    }

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
        if (capability.equals(NOTHING) || choice.declares(capability) == declared) {
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
        return capability.equals(NOTHING)
                ? "any " + member.text()
                : member.text() + ": " + (declared ? "" : "not ") + capability;
    }
}
