package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Revoke;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Gate;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The granter of a siege. As soon as a page is its own again, by a revocation or because nobody used it, it writes there what is nobody
 * else's, and looks later whether it is still there.
 */
final class Revoker extends Siege.Besieger {
    private static final int[] OFFSETS = {0, 8, 2048, 4088};

    /** The exhaustive search costs as much as many turns. */
    private static final int SEARCHES = 64;

    private static final int MOST = 6;
    private static final int ACTS = 16;
    private static final int GENTLY = 64;
    private static final int SPINS = 200;

    private final World world;
    private final Party granter;
    private final Grants grants;
    private final V3Gate gate;
    private final int turns;

    /** Leaves that it takes at once, at most. */
    private final int most;

    /** Of so many choices sixteen do something to what is granted. */
    private final int choices;

    private final boolean[] granted = new boolean[Siege.INDICES];
    private final boolean[] asked = new boolean[Siege.INDICES];
    private final long[] secrets = new long[Siege.PAGES];
    private final long[] references = new long[Siege.PAGES];
    private final AtomicInteger done = new AtomicInteger();
    private int revocations;

    private Revoker(World world, Grants grants, int turns, int most, int choices, long seed) {
        super(seed);
        this.world = world;
        this.granter = world.granter();
        this.grants = grants;
        this.gate = granter.gate();
        this.turns = turns;
        this.most = most;
        this.choices = choices;
        for (int page = 0; page < Siege.PAGES; page++) {
            references[page] = world.references(page);
        }
    }

    /** Who always does something. */
    static Revoker greedy(World world, Grants grants, int turns, long seed) {
        return new Revoker(world, grants, turns, MOST, ACTS, seed);
    }

    /** Who takes one leaf now and then, so that runs of them are granted mostly. */
    static Revoker gentle(World world, Grants grants, int turns, long seed) {
        return new Revoker(world, grants, turns, 1, GENTLY * ACTS, seed);
    }

    /** Once, whatever happens later, one grant has more mappings than a slice when it is taken back. */
    void takeFromCrowd(List<Grabber> crowd) {
        grants.grant(0, page(0), true);
        granted[0] = true;
        crowd.forEach(grabber -> grabber.crowd(0));
        takeBack(0, 1);
    }

    /** In the first half everybody wants the same. */
    boolean crowded() {
        return done.get() < turns / 2;
    }

    boolean over() {
        return done.get() >= turns;
    }

    @Override
    boolean turn() {
        int n = random.nextInt(Siege.INDICES);
        int choice = random.nextInt(choices);
        if (!granted[n]) {
            grantOrLook(n);
        } else if (choice < 8) {
            takeBack(n, 1 + random.nextInt(Math.min(most, Siege.INDICES - n)));
        } else if (choice < 10) {
            ask(n, 1 + random.nextInt(Math.min(most, Siege.INDICES - n)));
        } else if (choice < 12) {
            withdraw(n);
        } else if (choice < 14 && grants.narrows()) {
            narrow(n);
        } else {
            Traffic.pause(random.nextInt(SPINS));
        }
        return done.incrementAndGet() < turns;
    }

    private static int page(int n) {
        return n % Siege.PAGES;
    }

    /** Whether neither of its indices grants a page. */
    private boolean isOwn(int page) {
        return !granted[page] && !granted[page + Siege.PAGES];
    }

    private void grantOrLook(int n) {
        int page = page(n);
        if (isOwn(page)) {
            expectUntouched(page);
        }
        if (!grants.free(n)) {
            return;
        }
        if (isOwn(page)) {
            write(page, Words.PUBLIC | n);
            secrets[page] = 0;
        }
        grants.grant(n, page, random.nextInt(4) != 0);
        granted[n] = true;
    }

    private void takeBack(int first, int count) {
        V3Answer answer = gate.call(grants.revocation(first, count));
        if (answer.status() == Status.UNSTABLE) {
            return;
        }
        Expect.okay(answer);
        Expect.equal("result of the revocation", 0, answer.get(V3Revoke.RESULT));
        have(first, count);
    }

    /** What is in use stays with whoever has it, and is taken or asked for again later. @return whether nothing was in use */
    private boolean ask(int first, int count) {
        V3Answer answer = gate.call(grants.request(first, count));
        if (answer.status() == Status.UNSTABLE || answer.status() == Status.QUOTA) {
            return false;
        }
        Expect.okay(answer);
        for (int n = first; n < first + count; n++) {
            asked[n] |= granted[n];
        }
        if (answer.get(V3Revoke.RESULT) != 0) {
            Expect.equal("result of the request", V3Revoke.SOFT_PENDING, answer.get(V3Revoke.RESULT));
            return false;
        }
        have(first, count);
        return true;
    }

    private void have(int first, int count) {
        for (int n = first; n < first + count; n++) {
            granted[n] = false;
            asked[n] = false;
        }
        for (int n = first; n < first + count; n++) {
            hide(page(n));
        }
    }

    private void withdraw(int n) {
        if (grants.end(n)) {
            have(n, 1);
        }
    }

    /** A page that is only granted to be read from now on does not change. */
    private void narrow(int n) {
        int page = page(n);
        int other = (n + Siege.PAGES) % Siege.INDICES;
        V3Answer answer = gate.call(grants.narrowing(n));
        if (answer.status() == Status.UNSTABLE || answer.status() == Status.NOT_REVOCABLE) {
            return;
        }
        Expect.okay(answer);
        if (!granted[other]) {
            long word = Words.PUBLIC | done.get();
            write(page, word);
            Traffic.pause(random.nextInt(SPINS));
            expect("a page that is read-only for others", page, word);
        }
    }

    /** What is nobody else's is written into a page that nobody else reaches. */
    private void hide(int page) {
        if (!isOwn(page) || secrets[page] != 0) {
            return;
        }
        Expect.equal("references of page " + page, references[page], world.references(page));
        secrets[page] = Words.SECRET | (long) page << 32 | done.get() + 1;
        write(page, secrets[page]);
        if (++revocations % SEARCHES == 0) {
            Reachability.expectPrivate(world, World.GRANTER, granter.machineFrame(page));
        }
    }

    private void expectUntouched(int page) {
        if (secrets[page] != 0) {
            expect("a page that is the granter's alone", page, secrets[page]);
        }
    }

    private void write(int page, long word) {
        for (int offset : OFFSETS) {
            granter.store(granter.page(page) + offset, word);
        }
    }

    private void expect(String what, int page, long word) {
        for (int offset : OFFSETS) {
            Expect.equal("word " + offset + " of " + what, word, granter.load(granter.page(page) + offset));
        }
    }

    /** Everybody has unmapped: all that is granted can be withdrawn, and all indices are free. */
    void expectHadItsWay() {
        for (int n = 0; n < Siege.INDICES; n++) {
            if (asked[n]) {
                Expect.holds("of what nobody uses nothing is pending", ask(n, 1));
            }
            if (granted[n]) {
                Expect.holds("what nobody uses can be withdrawn", grants.end(n));
                granted[n] = false;
            }
            Expect.holds("index " + n + " is free", grants.free(n));
        }
        for (int page = 0; page < Siege.PAGES; page++) {
            expectUntouched(page);
        }
    }
}
