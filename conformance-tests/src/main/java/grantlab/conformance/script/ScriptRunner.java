package grantlab.conformance.script;

import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;

/** Runs a script file: what {@code grantlab run} does. */
public final class ScriptRunner {
    private final Settings settings;
    private final Set<Remark> remarks;

    /** What is told in the end, in lines that begin with {@code #}, for who asks for it. */
    public enum Remark {
        /** What each operation took, and all operations of a verb. */
        COSTS,

        /** Which domain is charged for what through grants v3. */
        CHARGES
    }

    /**
     * A runner.
     *
     * @param settings the machine's; {@code #!xen} lines of a script change its limits
     * @param remarks what is told in the end beside what the script asks for
     */
    public ScriptRunner(Settings settings, Remark... remarks) {
        this.settings = settings;
        this.remarks = Set.of(remarks);
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
        CostMeter meter = new CostMeter();
        CostTable costs = new CostTable();
        boolean counting = remarks.contains(Remark.COSTS);
        Installed found = Installed.find();
        Installed installed = counting ? meter.over(found, settings.memory()) : found;
        try (Interpreter interpreter = new Interpreter(script, settings, installed, printer::print)) {
            interpreter.check();
            if (counting) {
                meter.sinceLast(interpreter.world());
                interpreter.run(lines -> costs.add(lines, meter.sinceLast(interpreter.world())));
                costs.tell(printer::print);
            } else {
                interpreter.run();
            }
            if (remarks.contains(Remark.CHARGES)) {
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
