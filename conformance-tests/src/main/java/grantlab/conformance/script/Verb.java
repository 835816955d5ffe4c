package grantlab.conformance.script;

/** What a line can do. */
interface Verb extends Syntax {
    /** Does it, and completes the result. */
    void execute(Operation operation);
}
