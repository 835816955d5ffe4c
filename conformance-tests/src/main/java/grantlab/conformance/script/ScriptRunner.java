package grantlab.conformance.script;

import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Runs a script file: what {@code grantlab run} does. */
public final class ScriptRunner {
    private final Settings settings;
    private final boolean charges;

    /**
     * A runner.
     *
     * @param settings the machine's; {@code #!xen} lines of a script change its limits
     */
    public ScriptRunner(Settings settings) {
        this(settings, false);
    }

    /**
     * A runner that may say more than the script asks for.
     *
     * @param settings the machine's; {@code #!xen} lines of a script change its limits
     * @param charges whether it says in the end, in remarks, which domain is charged for what through grants v3
     */
    public ScriptRunner(Settings settings, boolean charges) {
        this.settings = settings;
        this.charges = charges;
    }

    /**
     * Checks a script entirely, then executes it.
     *
     * @param file the script
     * @param output gets each result line as soon as it is known, and remarks, which begin with {@code #}
     * @return how many result lines there were: at least one
     * @throws IOException when the file cannot be read or the output cannot be written
     * @throws ScriptException when the script is not right; nothing was executed
     * @throws grantlab.hypervisor.ConfigurationException when there cannot be such a machine
     */
    public int run(Path file, Appendable output) throws IOException {
        return run(Script.read(file), output);
    }

    /**
     * Checks a script entirely, then executes it.
     *
     * @param script the script
     * @param output gets each result line as soon as it is known, and remarks, which begin with {@code #}
     * @return how many result lines there were: at least one
     * @throws IOException when the output cannot be written
     * @throws ScriptException when the script is not right; nothing was executed
     * @throws grantlab.hypervisor.ConfigurationException when there cannot be such a machine
     */
    public int run(Script script, Appendable output) throws IOException {
        Printer printer = new Printer(output);
        try (Interpreter interpreter = new Interpreter(script, settings, printer::print)) {
            interpreter.check();
            interpreter.run();
            if (charges) {
                tellCharges(interpreter.machine(), printer);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return printer.results;
    }

    private static void tellCharges(Machine machine, Printer printer) {
        machine.domains().stream()
                .flatMap(domain -> machine.charges(domain.domid()).text().lines())
                .forEach(line -> printer.print("# " + line));
    }

    private static final class Printer {
        private final Appendable output;
        private int results;

        Printer(Appendable output) {
            this.output = output;
        }

        void print(String line) {
            try {
                output.append(line).append('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (!line.startsWith("#")) {
                results++;
            }
        }
    }
}
