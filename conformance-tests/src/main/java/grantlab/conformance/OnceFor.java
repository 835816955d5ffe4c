package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Clauses of this family are about those who stand in these places alone, whom they ask directly mostly; whoever stands elsewhere plays no part.
 * So each runs once for all combinations with the same names there: in the first of those that are run in which it is applicable.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface OnceFor {
    /** The places; none: once for all of them. */
    Member[] value();
}
