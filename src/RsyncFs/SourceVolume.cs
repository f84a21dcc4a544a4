using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>Which volume a source is: the one it was before, or a new one as a person chose.</summary>
internal static class SourceVolume
{
    /// <summary>The message that opens a target for <paramref name="source"/>.</summary>
    /// <param name="source">The source.</param>
    /// <param name="state">What is known of it and of the destination.</param>
    /// <param name="options">What a person chose.</param>
    /// <param name="services">Makes id and seed of a new volume.</param>
    /// <exception cref="RefusedException">The choices do not fit the volume, or the device is too large for its blocks. Nothing was done.</exception>
    public static OpenTarget OpenRequest(
        ISnapshotProvider source,
        DestinationState state,
        ReplicationOptions options,
        Services services
    )
    {
        var known = state.Source.Volume;
        var volume = known ?? Create(options, services);
        Check(source, volume, options);
        return new OpenTarget(
            options.Purpose,
            options.TargetName,
            source.Shape,
            volume,
            IsNewVolume: known is null,
            state.Lineage
        );
    }

    /// <summary>A receiver may name its own volume only to a sender that has none: seed and id of a source are not for others to change.</summary>
    /// <exception cref="ProtocolException">The receiver answers with another volume than the source's. Nothing was written.</exception>
    /// <exception cref="RefusedException">The target's volume does not fit what a person chose.</exception>
    public static void CheckAnswer(
        ISnapshotProvider source,
        Volume? known,
        Volume answered,
        ReplicationOptions options
    )
    {
        if (known is not null && answered != known)
        {
            throw new ProtocolException(
                $"the receiver speaks of volume {answered.Id:N}, the source is {known.Id:N}"
            );
        }

        Check(source, answered, options);
    }

    /// <summary>The epoch of a source is its own: a receiver can only name one to a sender that has none.</summary>
    /// <exception cref="ProtocolException">The receiver answers with another, or with one that no promotes have brought it to. Nothing was written.</exception>
    public static void CheckEpoch(SourceState known, ulong answered)
    {
        var highest = known.Volume is null ? known.Epoch + SourceLineage.MaxEpochStep : known.Epoch;
        if (answered < known.Epoch || answered > highest)
        {
            throw new ProtocolException(
                $"the receiver speaks of epoch {answered}, the source is at {known.Epoch}"
            );
        }
    }

    /// <summary>Block size and hash belong to the volume from its first copy on, so that all its copies can be compared.</summary>
    /// <exception cref="RefusedException">A person chose others, or the device is too large for the blocks.</exception>
    private static void Check(ISnapshotProvider source, Volume volume, ReplicationOptions options)
    {
        if (
            (options.BlockSizeBytes ?? volume.BlockSizeBytes) != volume.BlockSizeBytes
            || (options.Hash ?? volume.Hash.Algorithm) != volume.Hash.Algorithm
        )
        {
            throw new RefusedException(
                ErrorId.Usage,
                "block size and hash of a volume are chosen at its first copy, and stay"
            )
            {
                Where = source.Name,
                Cause = $"it has blocks of {volume.BlockSizeBytes} bytes and hash {volume.Hash.Algorithm}",
                Hint = "leave --block-size and --hash out",
            };
        }

        if (new BlockLayout(source.LengthBytes, volume.BlockSizeBytes).GroupCount > BlockLayout.MaxGroupCount)
        {
            throw new RefusedException(ErrorId.Usage, "the device is too large for blocks of this size")
            {
                Where = source.Name,
                Cause = $"{source.LengthBytes} bytes in blocks of {volume.BlockSizeBytes}",
                Hint = "take a larger --block-size for its first copy",
            };
        }
    }

    private static Volume Create(ReplicationOptions options, Services services)
    {
        var algorithm = options.Hash ?? HashAlgorithmId.XxHash128;
        var seed = algorithm == HashAlgorithmId.XxHash128 ? services.NewNumber() : 0;
        return new Volume(
            services.NewId(),
            new StrongHash(algorithm, seed),
            options.BlockSizeBytes ?? BlockLayout.DefaultBlockSizeBytes
        );
    }
}
