package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Further places of a combination ({@link Member#further}) that somebody must stand in, whoever it is: where one of them is empty the clause
 * does not run. On a class it holds for every clause of the family.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Takes {
    /** The places. */
    Member[] value();
}
