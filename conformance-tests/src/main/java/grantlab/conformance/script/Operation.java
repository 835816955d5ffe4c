package grantlab.conformance.script;

/** One line under execution. */
final class Operation {
    /** Where it happens. */
    final ScriptWorld world;

    /** What is executed. */
    final Line line;

    /** Which domain executes it. */
    final Context executor;

    /** What the line's operands mean. */
    final Operands operands;

    /** What it answers. */
    final Result result;

    Operation(ScriptWorld world, Line line, Context executor) {
        this.world = world;
        this.line = line;
        this.executor = executor;
        operands = new Operands(world, line, executor);
        result = new Result(line.number(), line.verb());
    }

    /** A hypercall of the executing domain, which may be its last. */
    long hypercall(int number, long a, long b, long c) {
        return world.hypercall(executor, number, a, b, c);
    }
}
