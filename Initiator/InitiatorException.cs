namespace Weft.Initiator;

/// <summary>Something the initiator was asked to do has failed. The three kinds derive from it.</summary>
public abstract class InitiatorException(string message) : Exception(message);
