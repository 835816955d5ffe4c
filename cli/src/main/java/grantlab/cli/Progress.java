package grantlab.cli;

import java.text.DecimalFormat;
import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far long work has come: a bar on a terminal, and nothing anywhere else. */
interface Progress extends AutoCloseable {
    /** One more is done. Any thread. */
    default void step() {
        step(1);
    }

    /** So many more are done. Any thread. */
    void step(long steps);

    /** The bar goes away, so that results stand alone. */
    @Override
    void close();

    static Progress of(Terminal terminal, String task, long steps) {
        return terminal.interactive() ? new Bar(bar(task, steps).hideEta()) : new Silent();
    }

    /** One that says how fast it goes, and how long it will take. */
    static Progress measured(Terminal terminal, String task, String unit, long steps) {
        return terminal.interactive()
                ? new Bar(bar(task, steps).setUnit(" " + unit, 1).showSpeed(new DecimalFormat("#,##0")))
                : new Silent();
    }

    private static ProgressBarBuilder bar(String task, long steps) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                .clearDisplayOnFinish()
                .setConsumer(new ConsoleProgressBarConsumer(System.err));
    }

    /** Nobody is looking. */
    final class Silent implements Progress {
        @Override
        public void step(long steps) {}

        @Override
        public void close() {}
    }

    /** Somebody is. */
    final class Bar implements Progress {
        private final AtomicLong done = new AtomicLong();
        private final ProgressBar bar;

        Bar(ProgressBarBuilder builder) {
            bar = builder.build();
        }

        @Override
        public void step(long steps) {
            bar.stepTo(done.addAndGet(steps));
        }

        @Override
        public void close() {
            bar.close();
        }
    }
}
