package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The clause belongs to a list that is to be complete, and cannot be carried out in any combination: catalogue and reports have it as not
 * applicable, with this reason. Its method is never called.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface OutOfScope {
    /** What of it does not exist here. */
    String value();
}
