package grantlab.conformance.script;

import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Executes scripts on a machine of its own, line by line and strictly in order. It never stops at a line that makes no
 * sense: the answer says so, as the recorder's does. One thread.
 */
public final class Interpreter implements AutoCloseable {
    private final Script script;
    private final ScriptWorld world;
    private final Verbs verbs;
    private final Consumer<String> output;
    private @Nullable Batch batch;

    /**
     * Starts the machine that a script wants.
     *
     * @param script what to execute
     * @param settings the machine's, apart from the limits that the script's {@code #!xen} lines set
     * @param output is given each result line, and remarks, which begin with {@code #}
     * @throws ScriptException for a {@code #!xen} line that means nothing
     * @throws grantlab.hypervisor.ConfigurationException when there cannot be such a machine
     */
    public Interpreter(Script script, Settings settings, Consumer<String> output) {
        this.script = script;
        this.output = output;
        world = new ScriptWorld(settings.withLimits(XenOptions.apply(script, settings.limits())), output);
        verbs = new Verbs(world.codecs());
    }

    /**
     * The machine, to look at between lines.
     *
     * @return always the same
     */
    public Machine machine() {
        return world.machine();
    }

    /**
     * Refuses a script that {@link #run} would have to guess at.
     *
     * @throws ScriptException for the first line that is not right
     */
    public void check() {
        new Grammar(verbs.syntax()).check(script);
    }

    /** Executes all lines. */
    public void run() {
        for (Line line : script.lines()) {
            if (batch != null) {
                collect(batch, line);
            } else if (line.verb().equals(Verbs.BATCH)) {
                batch = Batch.begin(line);
            } else {
                execute(line);
            }
        }
    }

    private void execute(Line line) {
        Context executor = world.created(line.executor());
        if (executor == null) {
            output.accept(
                    new Result(line.number(), line.verb()).word("nodomain").toString());
            return;
        }
        if (executor.dead() && !line.verb().equals("destroy")) {
            output.accept(
                    new Result(line.number(), line.verb()).word("deaddomain").toString());
            return;
        }
        Operation operation = new Operation(world, line, executor);
        Verb verb = verbs.named(line.verb());
        if (verb == null) {
            operation.result.word("unknown-op");
        } else {
            verb.execute(operation);
        }
        output.accept(operation.result.toString());
    }

    private void collect(Batch collecting, Line line) {
        collecting.add(line);
        if (collecting.isComplete()) {
            batch = null;
            collecting.execute(world, verbs, output);
        }
    }

    @Override
    public void close() {
        world.close();
    }
}
