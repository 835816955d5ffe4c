package grantlab.cli;

import java.util.concurrent.atomic.AtomicLong;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** How far long work has come: a bar on a terminal, and nothing anywhere else. */
interface Progress extends AutoCloseable {
    /** One more is done. Any thread. */
    void step();

    /** The bar goes away, so that results stand alone. */
    @Override
    void close();

    static Progress of(Terminal terminal, String task, long steps) {
        return terminal.interactive() ? new Bar(task, steps) : new Silent();
    }

    /** Nobody is looking. */
    final class Silent implements Progress {
        @Override
        public void step() {}

        @Override
        public void close() {}
    }

    /** Somebody is. */
    final class Bar implements Progress {
        private final AtomicLong done = new AtomicLong();
        private final ProgressBar bar;

        Bar(String task, long steps) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(steps)
                    .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                    .hideEta()
                    .clearDisplayOnFinish()
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .build();
        }

        @Override
        public void step() {
            bar.stepTo(done.incrementAndGet());
        }

        @Override
        public void close() {
            bar.close();
        }
    }
}
