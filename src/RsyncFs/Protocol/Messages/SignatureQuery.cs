namespace RsyncFs.Protocol.Messages;

/// <summary>Asks for the signatures of all blocks of some consecutive groups.</summary>
/// <param name="FirstGroup">The first group.</param>
/// <param name="GroupCount">How many.</param>
public sealed record SignatureQuery(long FirstGroup, int GroupCount) : Message;
