package io.sluice.startup;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A spelling suggestion for a configuration key: the known key at the smallest edit distance, counted segment by
 * segment, where a {@code *} of the known key stands for any name. Keys that come from environment variables have a dot
 * where the known key may have a dash, so segments of the known key are compared both joined by dashes and by dots.
 */
final class NearestKey {
    /** With more edits than this for each segment, it is another key rather than a misspelt one. */
    private static final int EDITS_PER_SEGMENT = 2;

    private NearestKey() {}

    private record Candidate(String key, int edits) {}

    /** Returns the nearest known key; empty if every key is far from it. */
    static Optional<String> of(String key, Collection<String> known) {
        List<String> wanted = segments(key);
        return known.stream()
                .flatMap(pattern -> candidate(wanted, segments(pattern)).stream())
                .filter(candidate -> candidate.edits() <= EDITS_PER_SEGMENT * wanted.size())
                .min(Comparator.comparingInt(Candidate::edits).thenComparing(Candidate::key))
                .map(Candidate::key);
    }

    /** The known key with the given key's names, if both have as many segments once dashes count as dots. */
    private static Optional<Candidate> candidate(List<String> wanted, List<String> pattern) {
        List<String> parts = new ArrayList<>();
        int edits = 0;
        int next = 0;
        for (String segment : pattern) {
            // A segment with dashes takes as many segments of a variable's key, or one of a file's.
            int dashes = (int) segment.chars().filter(c -> c == '-').count();
            int taken = wanted.size() - next > pattern.size() - parts.size() ? dashes + 1 : 1;
            if (next + taken > wanted.size()) {
                return Optional.empty();
            }
            String mine = String.join("-", wanted.subList(next, next + taken));
            next += taken;
            boolean name = segment.equals("*");
            parts.add(name ? mine : segment);
            edits += name ? 0 : distance(mine, segment);
        }
        return next == wanted.size() ? Optional.of(new Candidate(String.join(".", parts), edits)) : Optional.empty();
    }

    /** Splits at dots, except for those in quotes. */
    private static List<String> segments(String key) {
        return List.of(key.split("\\.(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1));
    }

    /** Levenshtein's distance: insertions, deletions and replacements of one character. */
    static int distance(String one, String other) {
        int[] row = IntStream.rangeClosed(0, other.length()).toArray();
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j - 1], row[j]));
            }
        }
        return row[other.length()];
    }
}
