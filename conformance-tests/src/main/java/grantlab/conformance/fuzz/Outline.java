package grantlab.conformance.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A script in pieces that can be taken out one by one: lines, and batches with their elements. */
final class Outline {
    private static final String BATCH = "batch ";

    /**
     * A piece.
     *
     * @param lines an operation; or the elements of a batch
     * @param count what the head of the batch says beside their number, or an empty text
     * @param batch whether it is one
     */
    record Piece(List<String> lines, String count, boolean batch) {
        private int height() {
            return batch ? 1 + lines.size() : lines.size();
        }

        private void write(StringBuilder text) {
            if (batch) {
                text.append(BATCH)
                        .append("n=")
                        .append(lines.size())
                        .append(count)
                        .append('\n');
            }
            lines.forEach(line -> text.append(line).append('\n'));
        }
    }

    private Outline() {}

    /** Takes a script apart. Comments go; options of Xen's are pieces. */
    static List<Piece> of(String text) {
        List<Piece> pieces = new ArrayList<>();
        List<String> lines = text.lines().filter(Outline::says).toList();
        for (int at = 0; at < lines.size(); at++) {
            String line = lines.get(at);
            if (line.startsWith(BATCH)) {
                List<String> words = words(line);
                int size = Integer.parseInt(words.get(1).substring("n=".length()));
                int end = Math.min(lines.size(), at + 1 + size);
                pieces.add(new Piece(lines.subList(at + 1, end), words.size() > 2 ? " " + words.get(2) : "", true));
                at = end - 1;
            } else {
                pieces.add(new Piece(List.of(line), "", false));
            }
        }
        return pieces;
    }

    private static List<String> words(String line) {
        return Arrays.asList(line.split(" ", -1));
    }

    private static boolean says(String line) {
        return !line.isBlank() && (!line.startsWith("#") || line.startsWith("#!xen"));
    }

    /** Puts a script together. */
    static String text(List<Piece> pieces) {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> piece.write(text));
        return text.toString();
    }

    /** Which piece stands in a line of the text. */
    static int pieceAt(List<Piece> pieces, int line) {
        int next = 1;
        for (int n = 0; n < pieces.size(); n++) {
            next += pieces.get(n).height();
            if (line < next) {
                return n;
            }
        }
        throw new IllegalArgumentException("the text ends before line " + line);
    }

    /** Smaller pieces that may do as well as one. */
    static List<Piece> smaller(Piece piece) {
        List<Piece> smaller = new ArrayList<>();
        List<String> lines = piece.lines();
        if (lines.size() > 1) {
            for (int n = 0; n < lines.size(); n++) {
                List<String> rest = new ArrayList<>(lines);
                rest.remove(n);
                smaller.add(new Piece(rest, piece.count(), true));
            }
        } else if (piece.batch()) {
            smaller.add(new Piece(lines, "", false));
        }
        for (int n = 0; n < lines.size(); n++) {
            for (String line : shorter(lines.get(n))) {
                List<String> others = new ArrayList<>(lines);
                others.set(n, line);
                smaller.add(new Piece(others, piece.count(), piece.batch()));
            }
        }
        return smaller;
    }

    /** A line without one of its operands. */
    private static List<String> shorter(String line) {
        List<String> shorter = new ArrayList<>();
        List<String> words = words(line);
        for (int n = line.startsWith("@") ? 2 : 1; n < words.size(); n++) {
            List<String> rest = new ArrayList<>(words);
            rest.remove(n);
            shorter.add(String.join(" ", rest));
        }
        return shorter;
    }
}
