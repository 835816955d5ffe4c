package grantlab.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Further places of a combination ({@link Member#further}) that play a part in this clause: it is worth running with whoever may stand
 * there, and where the place is empty too. What a clause asks of a place ({@link Needs}, {@link Lacks}) concerns it anyway, and there it
 * runs nowhere else. Clauses that a place does not concern would only say once more what they say where it is empty. On a class it holds
 * for every clause of the family.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface Concerns {
    /** The places. */
    Member[] value();
}
