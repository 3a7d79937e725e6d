import { Details } from '../../ui/details.tsx'
import styles from './how-endpoints-work.module.css'

/** For whoever sets a second one up and asks what will happen. */
export function HowEndpointsWork() {
  return (
    <div className={styles.alone}>
      <Details title="How endpoints work" hint="choice, credentials, permissions, prompt caching">
        <div className={styles.text}>
          <p>
            Each endpoint calls Bedrock in one AWS account and region, with credentials of its own. For every request
            the gateway goes through the endpoints of the person’s team, or takes the default endpoint where the team
            has none: by the team’s strategy first, then by priority, and those that are not well last. Several
            endpoints add up the quotas of several accounts or regions, and stand in for each other.
          </p>
          <h3>Routing target</h3>
          <p>
            A model is called by its cross-region inference profile within the endpoint’s scope. Where an account has an
            application inference profile for a model, for its own bill or its own tags, it can be set as an override on
            the endpoint’s page; that model is then called by it.
          </p>
          <h3>Credentials</h3>
          <p>
            Either the gateway’s own account, or a role in another account that the gateway assumes. An external ID in
            the role’s trust policy keeps anybody else from having the gateway use that role for them.
          </p>
          <h3>Required IAM permissions</h3>
          <ul>
            <li>
              <code>bedrock:InvokeModel</code> and <code>bedrock:InvokeModelWithResponseStream</code>: to answer
              requests.
            </li>
            <li>
              <code>bedrock:ListInferenceProfiles</code>: to know which models there are, and that the endpoint is well.
            </li>
            <li>
              <code>servicequotas:ListServiceQuotas</code>: optional, to show quotas here.
            </li>
          </ul>
          <h3>Prompt caching and routing strategy</h3>
          <p>
            Bedrock keeps what it has computed for the beginning of a prompt. Reading it again costs a tenth of the
            input price, writing it a quarter more than the price. It is kept for five minutes after its last use; newer
            models can keep it for an hour. The beginning must be the same to the letter and has to have 1,024 tokens or
            more, up to 4,096 for some models. It is kept for one account and model, and requests that cross regions may
            miss it.
          </p>
          <p>
            That is why <b>sticky user</b> is the usual strategy. The prompts of Claude Code begin with instructions,
            tools and the conversation so far, which hardly change from one request to the next; a person who stays at
            one endpoint finds them kept. <b>Round robin</b> sends neighbouring requests to different endpoints, each of
            which has to compute them anew: that can cost a good deal more.
          </p>
        </div>
      </Details>
    </div>
  )
}
