namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>What a sender's state was before: a person may put it back.</summary>
internal sealed record ModelBackup(ModelSender? State, ModelBackup? Older);
