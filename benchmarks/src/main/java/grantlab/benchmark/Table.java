package grantlab.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Figures beside their floors, and what is required of them. */
final class Table {
    private static final double PAIR_IN_EXCHANGES = 60;
    private static final double COPY_IN_EXCHANGES = 40;
    private static final double LEAF_IN_REFERENCES = 1.3;
    private static final double RUN_CHEAPER = 4;
    private static final double BLOCK_CHEAPER = 100;
    private static final int BLOCK_PAGES = 512;
    private static final double SHARE_OF_SPEED_UP = 0.9;

    /** JMH itself allocates a little in each iteration; the smallest object has 16. */
    private static final double NO_BYTES = 1;

    private static final int PAGE = 4096;

    private final Rounds measured;
    private final int rounds;
    private final Measured exchange;

    Table(Rounds measured, int rounds) {
        this.measured = measured;
        this.rounds = rounds;
        this.exchange = measured.of("compareAndSet");
    }

    List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        for (String name : List.of("compareAndSet", "compareAndSetApart", "compareAndSetContended")) {
            lines.add(floor("floor: " + name, measured.of(name)));
        }
        for (int length : List.of(64, 512, PAGE)) {
            lines.add(floor("floor: memcpy of " + length, memcpy(length)));
        }
        for (String paging : List.of("hvm", "pv")) {
            for (int batch : List.of(1, 64)) {
                lines.add(oneThread(paging, batch));
                lines.add(twoThreads(paging, batch));
            }
        }
        for (String paging : List.of("hvm", "pv")) {
            lines.add(sameReference(paging, 1, exchange));
            lines.add(sameReference(paging, 2, measured.of("compareAndSetContended")));
        }
        for (int batch : List.of(1, 64)) {
            for (int length : List.of(64, 512, PAGE)) {
                lines.add(copy(batch, length));
            }
        }
        for (String paging : List.of("hvm", "pv")) {
            for (int batch : List.of(1, 64)) {
                lines.add(leaf(paging, batch));
            }
        }
        lines.add(run(1));
        lines.add(run(64));
        lines.add(block());
        for (String paging : List.of("hvm", "pv")) {
            lines.add(beside("translate, " + paging, measured.of("walk paging=" + paging), exchange, "", true));
        }
        return lines;
    }

    private Measured memcpy(int length) {
        return measured.of("memcpy length=" + length);
    }

    private Line oneThread(String paging, int batch) {
        Measured pair = pair(paging, 1, batch);
        boolean asked = paging.equals("hvm") && batch > 1;
        double ratio = overRounds(round -> pair.time(round) / exchange.time(round));
        return beside(
                "map+unmap, " + paging + ", batch " + batch,
                pair,
                exchange,
                asked ? "at most " + Line.number(PAIR_IN_EXCHANGES, 0) + " compare-and-sets" : "",
                !asked || ratio <= PAIR_IN_EXCHANGES);
    }

    private Line twoThreads(String paging, int batch) {
        Measured one = pair(paging, 1, batch);
        Measured two = pair(paging, 2, batch);
        Measured apart = measured.of("compareAndSetApart");
        double speedUp = overRounds(round -> one.time(round) / two.time(round));
        double floor = overRounds(round -> exchange.time(round) / apart.time(round));
        double share =
                overRounds(round -> one.time(round) / two.time(round) / (exchange.time(round) / apart.time(round)));
        return beside(
                "map+unmap, " + paging + ", batch " + batch + ", 2 grantees",
                two,
                apart,
                "speed-up " + Line.number(speedUp, 2) + " of " + Line.number(floor, 2) + ": " + Line.number(share, 2)
                        + ", at least " + Line.number(SHARE_OF_SPEED_UP, 1),
                share >= SHARE_OF_SPEED_UP);
    }

    private Measured pair(String paging, int threads, int batch) {
        return measured.of("differentReferences batch=" + batch + " paging=" + paging + " threads=" + threads);
    }

    private Line sameReference(String paging, int threads, Measured floor) {
        Measured pair = measured.of("sameReference paging=" + paging + " threads=" + threads);
        return beside("map+unmap, " + paging + ", one reference, " + threads + " vCPUs", pair, floor, "", true);
    }

    private Line copy(int batch, int length) {
        Measured copy = measured.of("copy batch=" + batch + " length=" + length);
        Measured plain = memcpy(length);
        boolean asked = length == PAGE && batch > 1;
        double above = overRounds(round -> (copy.time(round) - plain.time(round)) / exchange.time(round));
        return beside(
                "copy of " + length + ", batch " + batch,
                copy,
                plain,
                asked
                        ? "memcpy + " + Line.number(above, 1) + " compare-and-sets, at most "
                                + Line.number(COPY_IN_EXCHANGES, 0)
                        : "",
                !asked || above <= COPY_IN_EXCHANGES);
    }

    private Measured leaves(LeafShape shape, String paging, int batch) {
        return measured.of("leaves what=" + shape.word() + "/" + paging + "/" + batch);
    }

    /** A leaf of one page beside a reference of version 1. */
    private Line leaf(String paging, int batch) {
        Measured leaf = leaves(LeafShape.PAGES, paging, batch);
        Measured flat = pair(paging, 1, batch);
        double ratio = overRounds(round -> leaf.time(round) / flat.time(round));
        return beside(
                "leaf: map+unmap, " + paging + ", batch " + batch,
                leaf,
                flat,
                "at most " + Line.number(LEAF_IN_REFERENCES, 1) + " of version 1's",
                ratio <= LEAF_IN_REFERENCES);
    }

    /** A page of 512 in one element beside one in an element of its own. What is asked for is about those in calls of their own. */
    private Line run(int batch) {
        Measured run = leaves(LeafShape.RUN, "hvm", 1);
        Measured pages = leaves(LeafShape.PAGES_OF_RUN, "hvm", batch);
        double cheaper = overRounds(round -> pages.time(round) / run.time(round));
        boolean asked = batch == 1;
        return beside(
                "leaf: a page of a run of 512, than single ones in batches of " + batch,
                run,
                pages,
                Line.number(cheaper, 1) + " times cheaper than by itself"
                        + (asked ? ", at least " + Line.number(RUN_CHEAPER, 0) : ""),
                !asked || cheaper >= RUN_CHEAPER);
    }

    /** A large leaf as one mapping beside its pages one by one. */
    private Line block() {
        Measured block = leaves(LeafShape.BLOCK, "hvm", 1);
        Measured pages = leaves(LeafShape.PAGES_OF_BLOCK, "hvm", 64);
        double cheaper = overRounds(round -> BLOCK_PAGES * pages.time(round) / block.time(round));
        return beside(
                "leaf: 2 MiB as one mapping",
                block,
                pages,
                Line.number(cheaper, 0) + " times cheaper than its pages, at least " + Line.number(BLOCK_CHEAPER, 0),
                cheaper >= BLOCK_CHEAPER);
    }

    private Line floor(String name, Measured floor) {
        return new Line(name, floor.time(), Double.NaN, Double.NaN, floor.allocated(), floor.spread(), "", true);
    }

    /** All of the engine's lines: nothing may be allocated. */
    private Line beside(String name, Measured it, Measured floor, String required, boolean met) {
        boolean clean = it.allocated() < NO_BYTES;
        double ratio = overRounds(round -> it.time(round) / floor.time(round));
        return new Line(
                name,
                it.time(),
                floor.time(),
                ratio,
                it.allocated(),
                it.spread(),
                required.isEmpty() ? "0 bytes" : required,
                met && clean);
    }

    private double overRounds(IntToDoubleFunction ofRound) {
        return Measured.median(
                IntStream.range(0, rounds).mapToDouble(ofRound).boxed().toList());
    }
}
