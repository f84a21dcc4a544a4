namespace RsyncFs.Cli.Commands;

/// <summary>What <c>verify</c> was asked to do: the source is the truth, and the destination is compared with it.</summary>
internal sealed record VerifyRequest : SenderRequest;
