package grantlab.conformance;

import java.util.regex.Pattern;

/** A pattern over clause ids: {@code *} for any characters, {@code ?} for one, upper and lower case alike. */
final class Glob {
    private final String text;
    private final Pattern pattern;

    Glob(String text) {
        this.text = text;
        StringBuilder regex = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '*' -> regex.append(".*");
                case '?' -> regex.append('.');
                default -> regex.append(Pattern.quote(Character.toString(c)));
            }
        });
        this.pattern = Pattern.compile(regex.toString(), Pattern.CASE_INSENSITIVE);
    }

    String text() {
        return text;
    }

    boolean matches(String id) {
        return pattern.matcher(id).matches();
    }
}
