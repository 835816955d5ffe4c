package grantlab.conformance;

import java.util.List;

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

    /**
     * Where further clauses of the family stand, when they are too many for one class. What is said of the class of a part holds for the
     * clauses of that part.
     *
     * @return one object of each class, as stateless as the family; usually none
     */
    default List<Object> parts() {
        return List.of();
    }
}
