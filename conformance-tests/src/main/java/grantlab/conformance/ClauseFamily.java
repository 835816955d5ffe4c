package grantlab.conformance;

/**
 * A class of clauses about one subject, found by ServiceLoader. A fresh instance serves the whole matrix, from several
 * threads: it has no state.
 *
 * <p>In a module of its own, the package of the family is exported, or opened to {@code grantlab.conformance}.
 */
public interface ClauseFamily {
    /**
     * What the ids of its clauses begin with.
     *
     * @return capital letters, unique among the families
     */
    String prefix();

    /**
     * What its clauses are about.
     *
     * @return a few words, as a heading
     */
    String title();
}
