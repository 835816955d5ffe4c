/**
 * The script language: one line, one operation, one result line. docs/script-language.md is its manual.
 *
 * <p>{@link grantlab.conformance.script.Script} is the text, {@link grantlab.conformance.script.Interpreter} executes
 * it on a machine of its own, {@link grantlab.conformance.script.ScriptRunner} does both for {@code grantlab run}.
 */
@NullMarked
package grantlab.conformance.script;

import org.jspecify.annotations.NullMarked;
