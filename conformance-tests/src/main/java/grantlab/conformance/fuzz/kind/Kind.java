package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Scene;

/** One kind of operation that the generator knows to write. A new operation of the language is one more of these. */
public interface Kind {
    /**
     * How often it is chosen, compared with the others.
     *
     * @return at least 1
     */
    int weight();

    /**
     * Writes one operation, or a few that belong together, into the scene's draft, and tells the scene what it probably did.
     * Writes nothing when there is nothing to do it with.
     *
     * @param scene what is believed of the world
     */
    void write(Scene scene);
}
