package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The capabilities, by id, that must not be declared: the other half of {@link Needs}, for clauses that say what is
 * refused where a capability is missing. On a class it holds for every clause of the family.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Lacks {
    /** Of the format of the granter's table. */
    String[] format() default {};

    /** Of the format of the grantee's own table. */
    String[] granteeFormat() default {};

    /** Of the granter's paging mode. */
    String[] granter() default {};

    /** Of the grantee's paging mode. */
    String[] grantee() default {};

    /** Of the IOMMU: the grantee owns devices. */
    String[] iommu() default {};

    /** Of the transport. */
    String[] transport() default {};

    /** Of the queues. */
    String[] queue() default {};
}
