package grantlab.conformance.script;

import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
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
    private boolean beyondLines;

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
        this(script, settings, Installed.find(), output);
    }

    /**
     * Starts the machine that a script wants, of what was found before.
     *
     * @param script what to execute
     * @param settings the machine's, apart from the limits that the script's {@code #!xen} lines set
     * @param installed what there is
     * @param output is given each result line, and remarks, which begin with {@code #}
     * @throws ScriptException for a {@code #!xen} line that means nothing
     * @throws grantlab.hypervisor.ConfigurationException when there cannot be such a machine
     */
    public Interpreter(Script script, Settings settings, Installed installed, Consumer<String> output) {
        this.script = script;
        this.output = output;
        Settings wanted = settings.withLimits(XenOptions.apply(script, settings.limits()));
        world = new ScriptWorld(Machine.start(wanted, installed), output);
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

    /** Where lines are executed. */
    ScriptWorld world() {
        return world;
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
        run(executed -> {});
    }

    /**
     * Executes all lines.
     *
     * @param after is shown the line of each operation, or the lines of each batch, when it was executed
     */
    public void run(Consumer<List<Line>> after) {
        for (Line line : script.lines()) {
            if (batch != null) {
                collect(batch, line, after);
            } else if (line.verb().equals(Verbs.BATCH)) {
                batch = Batch.begin(line);
            } else {
                execute(line);
                beyondLines = false;
                after.accept(List.of(line));
            }
        }
    }

    /**
     * References on a frame that d0 took to look at tables, which no page table shows.
     *
     * @param mfn a machine frame
     * @return how many
     */
    public long referencesHeld(long mfn) {
        return world.referencesHeld(mfn);
    }

    /** Whether the last call had more elements than lines: the others were whatever stood in memory. */
    public boolean wentBeyondLines() {
        return beyondLines;
    }

    /**
     * The machine frames that have names now.
     *
     * @param visitor is shown them
     */
    public void namedFrames(LongConsumer visitor) {
        world.namedFrames(visitor);
    }

    /**
     * Whether a machine frame has a name now.
     *
     * @param mfn a machine frame
     */
    public boolean names(long mfn) {
        return world.names(mfn);
    }

    /**
     * What an operand means now that is a number, or a variable and more.
     *
     * @param line of the script
     * @param key of the operand
     * @return its value; 0 when the line does not have it, or for a variable that was never set all ones
     */
    public long value(Line line, String key) {
        Context executor = world.created(line.executor());
        return executor == null ? 0 : new Operands(world, line, executor).value(key, 0);
    }

    /** d0 looks at no table any more. */
    public void letGo() {
        world.closeWindows();
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

    private void collect(Batch collecting, Line line, Consumer<List<Line>> after) {
        collecting.add(line);
        if (collecting.isComplete()) {
            batch = null;
            collecting.execute(world, verbs, output);
            beyondLines = collecting.goesBeyondLines();
            after.accept(collecting.lines());
        }
    }

    @Override
    public void close() {
        world.close();
    }
}
