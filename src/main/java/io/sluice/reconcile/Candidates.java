package io.sluice.reconcile;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The candidates of one write that got no response: the resources at the vendor that it may have created. Each
 * strategy, which is one of the last three methods, gives the write a resource that it created, or none; none of them
 * gives it a resource that another is known to have created. Immutable.
 *
 * @param <T> the resource, or its id
 */
public final class Candidates<T> {
    private final List<T> resources;

    private Candidates(List<T> resources) {
        this.resources = resources;
    }

    /** The candidates among which a search at the vendor leaves no other choice, in the order of its list. */
    public static <T> Candidates<T> of(Collection<T> listed) {
        return new Candidates<>(List.copyOf(listed));
    }

    /**
     * The candidates in a list that contains older resources too: those that were created since the write was sent at
     * the earliest, the oldest first, and those of equal age in the order of the list.
     *
     * @param since when the write was sent, by the vendor's clock, in the unit of {@code createdAt}
     */
    public static <T> Candidates<T> createdSince(long since, Collection<T> listed, ToLongFunction<T> createdAt) {
        return new Candidates<>(listed.stream()
                .filter(resource -> createdAt.applyAsLong(resource) >= since)
                .sorted(Comparator.comparingLong(createdAt))
                .toList());
    }

    /** The same candidates in other words, such as their ids. */
    public <R> Candidates<R> map(Function<T, R> other) {
        return new Candidates<>(resources.stream().map(other).toList());
    }

    /** The candidates that are not claimed by other writes. */
    public Candidates<T> without(Collection<T> claimed) {
        Set<T> others = new HashSet<>(claimed);
        return new Candidates<>(resources.stream()
                .filter(resource -> !others.contains(resource))
                .toList());
    }

    /** All candidates, in their order. */
    public List<T> all() {
        return resources;
    }

    /**
     * The strategy for searches by a key that no two resources share: the only candidate. Where the vendor lists
     * several, it did not search by that key.
     */
    public Optional<T> only() {
        return resources.size() == 1 ? Optional.of(resources.getFirst()) : Optional.empty();
    }

    /**
     * The strategy for writes that are sent one after the other: the oldest candidate. Correct only while no later
     * write waits for its response, since the candidate could be that one's.
     */
    public Optional<T> oldest() {
        return resources.stream().findFirst();
    }

    /**
     * The strategy for writes whose resources cannot be told apart: any candidate, if there are as many as writes that
     * may have created them. Then each of these writes was executed, though a write may be given the resource of
     * another. If there are more, other callers create such resources too; if there are fewer, a write was not
     * executed, or its resource is not listed yet.
     *
     * @param writes how many writes without a response may have created the candidates, the one in question included
     */
    public Optional<T> madeByAll(int writes) {
        return resources.size() == writes ? oldest() : Optional.empty();
    }
}
