package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * In this clause somebody comes in between two accesses of a call to shared memory: its world has {@link World#interruption}. All memory
 * of its machine is looked after for that, so it is slower than others. On a class it holds for every clause of the family.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Interruptible {}
