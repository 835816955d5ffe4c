package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * In this clause the grantee's or the third's own table plays a part, not the granter's alone: it is worth running where
 * that table has another format than the granter's. Clauses without this would only say there once more what they say
 * where both have the same. On a class it holds for every clause of the family.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface BothTables {}
