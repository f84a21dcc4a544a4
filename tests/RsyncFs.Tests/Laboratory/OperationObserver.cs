namespace RsyncFs.Tests.Laboratory;

/// <summary>Told of each operation before it happens, while the machine stands still. What it throws goes to the caller of the operation.</summary>
internal delegate void OperationObserver(in Operation operation);
