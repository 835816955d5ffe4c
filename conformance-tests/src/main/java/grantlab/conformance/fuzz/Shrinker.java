package grantlab.conformance.fuzz;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a script smaller for as long as it still shows what it shows (delta debugging, Zeller and Hildebrandt 2002): first
 * halves, quarters and so on of its lines go, then elements of batches and operands. The result is minimal: no single piece
 * can go. One thread.
 */
public final class Shrinker {
    /** Tells whether a script still shows it. */
    @FunctionalInterface
    public interface Shows {
        /**
         * Tries.
         *
         * @param script text of a script, perhaps one that makes no sense
         * @throws IOException when the judge cannot be asked
         */
        boolean test(String script) throws IOException;
    }

    private final Shows shows;
    private final int patience;
    private int tries;

    /**
     * A shrinker.
     *
     * @param shows what must stay
     * @param patience how many scripts are tried at most
     */
    public Shrinker(Shows shows, int patience) {
        this.shows = shows;
        this.patience = patience;
    }

    /**
     * Shrinks.
     *
     * @param script a text that shows it
     * @return the smallest one found
     * @throws IOException when the judge cannot be asked
     */
    public String shrink(String script) throws IOException {
        List<Outline.Piece> pieces = withoutChunks(Outline.of(script));
        int before;
        do {
            before = Outline.text(pieces).length();
            pieces = withoutChunks(withSmallerPieces(pieces));
        } while (Outline.text(pieces).length() < before && tries < patience);
        return Outline.text(pieces);
    }

    private List<Outline.Piece> withoutChunks(List<Outline.Piece> all) throws IOException {
        List<Outline.Piece> pieces = all;
        int chunk = Math.max(1, pieces.size() / 2);
        while (true) {
            boolean less = false;
            for (int from = pieces.size() - chunk; from > -chunk && tries < patience; from -= chunk) {
                int start = Math.max(0, from);
                int end = Math.min(pieces.size(), from + chunk);
                if (start < end) {
                    List<Outline.Piece> rest = new ArrayList<>(pieces.subList(0, start));
                    rest.addAll(pieces.subList(end, pieces.size()));
                    if (stillShows(rest)) {
                        pieces = rest;
                        less = true;
                    }
                }
            }
            if ((chunk == 1 && !less) || tries >= patience) {
                return pieces;
            }
            chunk = chunk == 1 ? 1 : chunk / 2;
        }
    }

    private List<Outline.Piece> withSmallerPieces(List<Outline.Piece> all) throws IOException {
        List<Outline.Piece> pieces = new ArrayList<>(all);
        for (int n = 0; n < pieces.size(); n++) {
            boolean less = true;
            while (less && tries < patience) {
                less = false;
                for (Outline.Piece smaller : Outline.smaller(pieces.get(n))) {
                    Outline.Piece before = pieces.set(n, smaller);
                    if (stillShows(pieces)) {
                        less = true;
                        break;
                    }
                    pieces.set(n, before);
                }
            }
        }
        return pieces;
    }

    private boolean stillShows(List<Outline.Piece> pieces) throws IOException {
        tries++;
        return !pieces.isEmpty() && shows.test(Outline.text(pieces));
    }
}
