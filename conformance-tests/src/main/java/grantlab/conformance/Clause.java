package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A promise and the code that holds an implementation to it: a method {@code void name(World world)} of a
 * {@link ClauseFamily} or of one of its parts. It returns when the promise is kept, and throws {@link ClauseFailure} (through {@link Expect})
 * when it is broken. Each run gets a fresh world.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Clause {
    /** The family's prefix, a dash, two or three digits: {@code MAP-07}. Never used again for something else. */
    String id();

    /** What is promised, in one sentence. */
    String promise();

    /** Where the promise is made: a header, an advisory, a section of a page. */
    String source();
}
