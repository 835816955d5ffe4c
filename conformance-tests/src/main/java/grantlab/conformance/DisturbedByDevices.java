package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says of a clause that is not about devices why it says something else where guests own some: {@code matrix --beside-devices} leaves it
 * out there, with this reason.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface DisturbedByDevices {
    /** The reason, in a few words. */
    String value();

    /** The id of a capability of the IOMMU: only there. Empty: beside any. */
    String where() default "";
}
