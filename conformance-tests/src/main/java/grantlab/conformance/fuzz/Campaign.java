package grantlab.conformance.fuzz;

import grantlab.conformance.script.Script;
import grantlab.conformance.script.ScriptException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Takes scripts, examines each, and shrinks what comes to light. Script number n of a seed is always the same, whatever the
 * threads do. One campaign, one call of {@link #run}.
 */
public final class Campaign {
    /** Scripts that a shrinker tries at most for one discovery. */
    private static final int PATIENCE = 3000;

    /** The same where a judge has to be asked for each. */
    private static final int PATIENCE_WITH_JUDGE = 150;

    private final CampaignPlan plan;
    private final Examination examination;
    private final ScriptSource source;
    private final Reached reached = new Reached();
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong operations = new AtomicLong();
    private final AtomicLong scripts = new AtomicLong();
    private final Set<String> signatures = Collections.synchronizedSet(new HashSet<>());
    private final List<Culprit> culprits = Collections.synchronizedList(new ArrayList<>());
    private volatile long deadline = Long.MAX_VALUE;

    /**
     * A campaign.
     *
     * @param plan what to do
     * @param examination how scripts are judged
     * @param source where scripts come from
     */
    public Campaign(CampaignPlan plan, Examination examination, ScriptSource source) {
        this.plan = plan;
        this.examination = examination;
        this.source = source;
    }

    /**
     * Runs it.
     *
     * @param progress is told how many operations were executed since the last time; any thread
     * @return what came of it
     * @throws IOException when the judge cannot be asked
     */
    public CampaignResult run(LongConsumer progress) throws IOException {
        long begun = System.nanoTime();
        if (!plan.time().isZero()) {
            deadline = begun + plan.time().toNanos();
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(plan.threads())) {
            List<Future<?>> workers = new ArrayList<>();
            for (int n = 0; n < plan.threads(); n++) {
                workers.add(threads.submit(() -> work(progress)));
            }
            for (Future<?> worker : workers) {
                await(worker);
            }
        }
        return new CampaignResult(
                plan,
                scripts.get(),
                operations.get(),
                Duration.ofNanos(System.nanoTime() - begun),
                List.copyOf(culprits),
                reached.counts());
    }

    private static void await(Future<?> worker) throws IOException {
        try {
            worker.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the campaign was interrupted", e);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case UncheckedIOException io -> throw new IOException(io.getMessage(), io);
                case RuntimeException fault -> throw fault;
                case Error fault -> throw fault;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private void work(LongConsumer progress) {
        try {
            for (long number = next.getAndIncrement(); goesOn(number); number = next.getAndIncrement()) {
                progress.accept(examine(number));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean goesOn(long number) {
        return number < plan.scripts() && System.nanoTime() - deadline < 0 && culprits.size() < plan.enough();
    }

    private long examine(long number) throws IOException {
        Mode mode = plan.modes().get((int) (number % plan.modes().size()));
        long seed = plan.seedOf(number);
        String text = source.script(mode, seed, plan.operations());
        Script script = Script.parse(mode + "-" + Long.toUnsignedString(seed), text);
        List<String> answers = new ArrayList<>(script.lines().size());
        examination.examine(script, text, answers).ifPresent(discovery -> blame(mode, seed, text, discovery));
        reached.count(answers);
        scripts.incrementAndGet();
        operations.addAndGet(answers.size());
        return answers.size();
    }

    private void blame(Mode mode, long seed, String text, Discovery discovery) {
        if (!signatures.add(discovery.signature()) || culprits.size() >= plan.enough()) {
            return;
        }
        Examination again = discovery.rule().equals(Discovery.XEN) ? examination : examination.withoutJudge();
        int patience = again.hasJudge() ? PATIENCE_WITH_JUDGE : PATIENCE;
        try {
            String least = new Shrinker(script -> shows(again, script, discovery), patience).shrink(text);
            Discovery smallest = examine(again, least).orElse(discovery);
            culprits.add(new Culprit(mode, seed, plan.operations(), text, least, smallest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean shows(Examination again, String text, Discovery wanted) throws IOException {
        try {
            return source.accepts(text)
                    && examine(again, text)
                            .filter(found -> found.rule().equals(wanted.rule()))
                            .isPresent();
        } catch (ScriptException e) {
            return false;
        }
    }

    private static Optional<Discovery> examine(Examination again, String text) throws IOException {
        return again.examine(Script.parse("shrunk", text), text, new ArrayList<>());
    }
}
