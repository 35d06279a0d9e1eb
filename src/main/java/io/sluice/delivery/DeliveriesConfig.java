package io.sluice.delivery;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** The configuration of asynchronous deliveries: {@code sluice.deliveries.*}. */
@ConfigMapping(prefix = "sluice.deliveries")
public interface DeliveriesConfig {
    /** How many messages of a team may wait for one destination of an account; beyond it no call is accepted. */
    @WithDefault("5000000")
    @Min(1)
    long maxQueued();

    /** How many messages may wait to be committed at once; beyond it no call is accepted. */
    @WithDefault("20000")
    @Min(1)
    int maxUncommitted();

    /** How many messages are committed together. */
    @WithDefault("2000")
    @Min(1)
    int groupCommitSize();

    /** How old a message may become: Customer.io starts no campaign for events older than 72 h. */
    @WithDefault("71h")
    Duration maxAge();

    /** How many messages are claimed at once. */
    @WithDefault("5000")
    @Min(1)
    @Max(20_000)
    int claimSize();

    /** How many calls of one team to one destination are under way at once. */
    @WithDefault("8")
    @Min(1)
    @Max(1000)
    int maxConcurrent();

    /** How often workers poll for messages that other processes accepted, or that have become due. */
    @WithDefault("500ms")
    Duration pollInterval();

    /** How long a process's lease on messages lasts without renewal; four poll intervals at least. */
    @WithDefault("30s")
    Duration lease();

    /** How long a call waits for permits. */
    @WithDefault("30s")
    Duration permitTimeout();

    /** How long after its first failure a message is tried again; twice as long after each further one. */
    @WithDefault("1s")
    Duration firstBackoff();

    /** The longest wait before a message is tried again. */
    @WithDefault("32s")
    Duration maxBackoff();

    /** The part by which these waits vary at random. */
    @WithDefault("0.1")
    @DecimalMin("0")
    @DecimalMax("1")
    double jitter();

    /** How long a message's record is kept once it is delivered. */
    @WithDefault("10m")
    Duration deliveredRetention();

    /** How long dead letters are kept. */
    @WithDefault("30d")
    Duration deadLetterRetention();

    /** How long calls under way may take to end when the process stops. */
    @WithDefault("10s")
    Duration shutdownTimeout();
}
